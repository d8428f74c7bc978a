/**
 * Makes namespaces, pins them and takes them away, by system calls of one small process that stays: unshare(1), mount(8) and ip(8) do the same, but to
 * start them costs a pod's start ten times what they then do. JavaScript cannot call the kernel, and a thread that could would be as large as a process;
 * perl is part of every Debian, and where it is not there those programs are used.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import type { NetlinkRequest } from '#kubelet/runtime/bridge/pod-messages.ts'

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

const timeoutMs = 10_000

interface Request {
  done: () => void
  fail: (error: Error) => void
  timer: NodeJS.Timeout
}

export class NamespaceMaker {
  #session: Session | undefined
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
    this.#session?.end()
    this.#session = undefined
  }

  async #ask(what: string, words: readonly (string | Buffer)[]): Promise<boolean> {
    if (!this.#isThere) return false
    this.#session ??= new Session(callNumbers[process.arch] ?? [], (session) => {
      if (this.#session === session) this.#session = undefined
    })
    const session = this.#session
    // Whether it can be used is known once.
    if (!(await session.ready)) {
      this.#isThere = false
      return false
    }
    await session.ask([what, ...words].map((word) => Buffer.from(word).toString('hex') || '-').join(' '))
    return true
  }
}

/** One process, from its start to its end. It does one thing after the other. */
class Session {
  readonly ready: Promise<boolean>
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting: Request[] = []
  #setReady: (isReady: boolean) => void = () => undefined

  constructor(numbers: readonly number[], over: (session: Session) => void) {
    this.ready = new Promise((resolve) => {
      this.#setReady = resolve
    })
    const child = spawn('perl', ['-e', program, ...numbers.map(String)], { env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin' } })
    this.#child = child
    // It also keeps this process here until then.
    const late = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    void this.ready.then(() => clearTimeout(late))
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-1000)
    })
    const ended = (): void => {
      over(this)
      this.#setReady(false)
      for (const { fail, timer } of this.#waiting.splice(0)) {
        clearTimeout(timer)
        fail(new Error(`the process that makes namespaces has ended: ${said.trim()}`))
      }
    }
    child.on('error', ended).on('close', ended)
    // What was not written is told by the end that follows.
    child.stdin.on('error', () => undefined)
    let rest = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${rest}${text}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#told(line)
    })
    // It must not keep a process alive that has nothing else to do.
    child.unref()
    for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref()
  }

  ask(line: string): Promise<void> {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), timeoutMs)
      this.#waiting.push({ done, fail, timer })
      this.#child.stdin.write(`${line}\n`)
    })
  }

  /** Once it has done all that it was told. */
  end(): void {
    this.#child.stdin.end()
  }

  #told(line: string): void {
    if (line === 'ready') this.#setReady(true)
    const request = line === 'ready' ? undefined : this.#waiting.shift()
    if (request === undefined) return
    clearTimeout(request.timer)
    const [, why] = line.split(' ')
    if (line === 'done') request.done()
    else
      request.fail(
        new Error(
          Buffer.from(why ?? '', 'hex')
            .toString()
            .trim(),
        ),
      )
  }
}
