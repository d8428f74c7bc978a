# Makes the namespaces of pods, pins them and takes them away, for as long as its standard input lasts (namespace-maker.ts).
#
# Its arguments are the kernel's numbers of unshare, setns, mount and umount2. It says `ready`; then each line in is a request, a word and its arguments as
# hexadecimal digits (`-` for an empty one):
#   make SHM NET IPC MESSAGES COUNT [SYSCTL VALUE]...
#   unmount PATH...
# and each line out is the answer to one, in the same order: `done`, or `failed` and why, in hexadecimal digits.
use strict;
$0 = 'typernetes-namespaces';
my ($unshare, $setns, $mount, $umount) = map { $_ + 0 } @ARGV;
# CLONE_NEWNET and CLONE_NEWIPC; MS_BIND; MS_NOSUID, MS_NODEV and MS_NOEXEC; MNT_DETACH. Perl passes only variables on to the kernel.
my ($newnet, $newipc) = (0x40000000, 0x08000000);
my ($bind, $restricted, $detached) = (4096, 14, 2);
open(my $ownnet, '<', '/proc/self/ns/net') or die "$!";
open(my $ownipc, '<', '/proc/self/ns/ipc') or die "$!";
sub failed { my $why = $!; die "$_[0]: $why\n" }
sub pin {
  my ($kind, $file) = @_;
  my $from = "/proc/self/ns/$kind";
  syscall($mount, $from, $file, 0, $bind, 0) == 0 or failed("mount $file");
}
sub configure {
  my ($messages, $left) = @_;
  # AF_NETLINK, SOCK_RAW, NETLINK_ROUTE.
  socket(my $socket, 16, 3, 0) or failed('netlink');
  defined send($socket, $messages, 0) or failed('netlink');
  my $why = '';
  while ($left > 0) {
    defined recv($socket, my $got, 65536, 0) or failed('netlink');
    for (my $at = 0; $at + 20 <= length $got;) {
      my ($length, $type, undef, $number, undef, $errno) = unpack 'L S S L L l', substr $got, $at;
      $at += ($length + 3) & ~3;
      # NLMSG_ERROR, which acknowledges as well.
      next unless $type == 2;
      $left--;
      next if $errno == 0 or $why ne '';
      $! = -$errno;
      $why = "netlink $number: $!\n";
    }
  }
  die $why if $why ne '';
}
sub inside {
  my ($net, $ipc, $messages, $count, @sysctls) = @_;
  pin('net', $net) if $net ne '';
  pin('ipc', $ipc) if $ipc ne '';
  configure($messages, $count) if $net ne '' and $count > 0;
  while (my ($file, $value) = splice @sysctls, 0, 2) {
    open(my $sysctl, '>', "/proc/sys/$file") or failed("/proc/sys/$file");
    defined syswrite($sysctl, $value) or failed("/proc/sys/$file");
  }
}
sub make {
  my ($shm, $net, $ipc, @more) = @_;
  if ($ipc ne '') {
    my ($source, $type, $options) = ('shm', 'tmpfs', 'mode=1777,size=65536k');
    syscall($mount, $source, $shm, $type, $restricted, $options) == 0 or failed("mount $shm");
  }
  for my $file (grep { $_ ne '' } $net, $ipc) { open(my $pinned, '>', $file) or failed($file) }
  syscall($unshare, ($net eq '' ? 0 : $newnet) | ($ipc eq '' ? 0 : $newipc)) == 0 or failed('unshare');
  eval { inside($net, $ipc, @more) };
  my $why = $@;
  # Another pod must never get this one's.
  syscall($setns, fileno($ownnet), $newnet) == 0 && syscall($setns, fileno($ownipc), $newipc) == 0 or exit 1;
  die $why if $why ne '';
}
# What is not mounted (EINVAL) or not there (ENOENT) need not be.
sub unmount { for my $file (@_) { syscall($umount, $file, $detached) == 0 or $! == 22 or $! == 2 or failed("umount $file") } }
my %do = (make => \&make, unmount => \&unmount);
$| = 1;
print "ready\n";
while (my $line = <STDIN>) {
  my ($what, @words) = map { $_ eq '-' ? '' : pack 'H*', $_ } split ' ', $line;
  eval { $do{$what}->(@words) };
  print $@ eq '' ? "done\n" : 'failed ' . unpack('H*', $@) . "\n";
}
