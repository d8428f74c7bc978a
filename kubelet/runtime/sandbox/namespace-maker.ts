/**
 * Makes namespaces, pins them and takes them away, by system calls of one small process that stays: unshare(1), mount(8) and ip(8) do the same, but to
 * start them costs a pod's start ten times what they then do. JavaScript cannot call the kernel, and a thread that could would be as large as a process;
 * perl is part of every Debian, and where it is not there those programs are used.
 */
import type { NetlinkRequest } from '#kubelet/runtime/bridge/pod-messages.ts'
import { LineProcess, LineProcessError } from '#kubelet/runtime/line-process.ts'

export interface NewNamespaces {
  /** Where the shared memory is mounted, and where the namespaces are pinned; each empty where there is to be none. */
  shm: string
  net: string
  ipc: string
  /** For the new network namespace. */
  messages: readonly NetlinkRequest[]
  /** Path below /proc/sys, and value; written inside. */
  sysctls: readonly (readonly [string, string])[]
}

/** The kernel's numbers of unshare, setns, mount and umount2. */
const callNumbers: Readonly<Partial<Record<NodeJS.Architecture, readonly number[]>>> = {
  x64: [272, 308, 165, 166],
  arm64: [97, 268, 40, 39],
}

/**
 * A request is a line of words in hexadecimal digits, its answer a line in the same order. Perl passes no literals on to the kernel. What is not mounted
 * (EINVAL) or not there (ENOENT) need not be unmounted.
 */
const program = String.raw`
use strict;
$0 = 'typernetes-namespaces';
my ($unshare, $setns, $mount, $umount) = map { $_ + 0 } @ARGV;
my ($newnet, $newipc) = (0x40000000, 0x08000000);
open(my $ownnet, '<', '/proc/self/ns/net') or die "$!";
open(my $ownipc, '<', '/proc/self/ns/ipc') or die "$!";
sub failed { my $why = $!; die "$_[0]: $why\n" }
sub pin {
  my ($kind, $file) = @_;
  my $from = "/proc/self/ns/$kind";
  syscall($mount, $from, $file, 0, 4096, 0) == 0 or failed("mount $file");
}
sub configure {
  my ($messages, $left) = @_;
  socket(my $socket, 16, 3, 0) or failed('netlink');
  defined send($socket, $messages, 0) or failed('netlink');
  my $why = '';
  while ($left > 0) {
    defined recv($socket, my $got, 65536, 0) or failed('netlink');
    for (my $at = 0; $at + 20 <= length $got;) {
      my ($length, $type, undef, $number, undef, $errno) = unpack 'L S S L L l', substr $got, $at;
      $at += ($length + 3) & ~3;
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
    syscall($mount, $source, $shm, $type, 14, $options) == 0 or failed("mount $shm");
  }
  for my $file (grep { $_ ne '' } $net, $ipc) { open(my $pinned, '>', $file) or failed($file) }
  syscall($unshare, ($net eq '' ? 0 : $newnet) | ($ipc eq '' ? 0 : $newipc)) == 0 or failed('unshare');
  eval { inside($net, $ipc, @more) };
  my $why = $@;
  # Another pod must never get this one's.
  syscall($setns, fileno($ownnet), $newnet) == 0 && syscall($setns, fileno($ownipc), $newipc) == 0 or exit 1;
  die $why if $why ne '';
}
sub unmount { for my $file (@_) { syscall($umount, $file, 2) == 0 or $! == 22 or $! == 2 or failed("umount $file") } }
my %do = (make => \&make, unmount => \&unmount);
$| = 1;
print "ready\n";
while (my $line = <STDIN>) {
  my ($what, @words) = map { $_ eq '-' ? '' : pack 'H*', $_ } split ' ', $line;
  eval { $do{$what}->(@words) };
  print $@ eq '' ? "done\n" : 'failed ' . unpack('H*', $@) . "\n";
}
`

export class NamespaceMaker {
  readonly #perl = new LineProcess({
    name: 'the process that makes namespaces',
    argv: ['perl', '-e', program, ...(callNumbers[process.arch] ?? []).map(String)],
    greeting: 'ready',
  })
  #isThere = callNumbers[process.arch] !== undefined

  /** Undone by the caller if it rejects, whatever of it is there. Answers false where nothing was done because this machine has not what it takes. */
  async make({ shm, net, ipc, messages, sysctls }: NewNamespaces): Promise<boolean> {
    const told = Buffer.concat(messages.map(({ bytes }) => bytes))
    try {
      return await this.#ask('make', [shm, net, ipc, told, String(messages.length), ...sysctls.flat()])
    } catch (error) {
      const [, number, why] = /^netlink (\d+): (.*)$/.exec((error as Error).message) ?? []
      throw number === undefined ? error : new Error(`ip ${messages[Number(number) - 1]?.what}: ${why}`, { cause: error })
    }
  }

  /** From all that see them, now or when nobody uses them any more. No error for those that are no mount points. Answers as `make`. */
  unmount(paths: readonly string[]): Promise<boolean> {
    return this.#ask('unmount', paths)
  }

  close(): void {
    this.#perl.end()
  }

  async #ask(what: string, words: readonly (string | Buffer)[]): Promise<boolean> {
    if (!this.#isThere) return false
    const line = [what, ...words].map((word) => Buffer.from(word).toString('hex') || '-').join(' ')
    const answer = await this.#perl.ask(`${line}\n`).catch((error: unknown) => {
      if (!(error instanceof LineProcessError) || error.reason !== 'notStarted') throw error
      // Whether it can be used is known once; a machine that has just begun may only be slow.
      if (!error.isLate) this.#isThere = false
    })
    if (answer === undefined) return false
    const [word = '', why = ''] = answer[0]?.split(' ') ?? []
    if (word !== 'done') throw new Error(Buffer.from(why, 'hex').toString().trim())
    return true
  }
}
