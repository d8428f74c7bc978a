/** An image whose one program waits for ever, made on the spot so that no registry is needed: under 300 bytes of machine code. */

import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { type DockerApi, unlessMissing } from '#kubelet/runtime/docker-api.ts'

const repository = 'typernetes/pause'
const tag = '1'
/** As the runtime lists it. */
export const pauseImageName = `docker.io/${repository}:${tag}`

/** The image's id; imports it when it is not there. */
export async function ensurePauseImage(api: DockerApi, machine: string = process.arch): Promise<string> {
  const there = await unlessMissing(api.call<{ Id: string }>('GET', `/images/${repository}:${tag}/json`, { timeoutMs: 15_000 }))
  if (there !== undefined) return there.Id
  const archive = pack()
  archive.entry({ name: 'pause', mode: 0o755 }, pauseProgram(machine))
  archive.finalize()
  await api.call('POST', '/images/create', {
    query: { fromSrc: '-', repo: repository, tag, changes: 'ENTRYPOINT ["/pause"]' },
    archive: await buffer(archive),
  })
  return (await api.call<{ Id: string }>('GET', `/images/${repository}:${tag}/json`)).Id
}

/**
 * A static ELF program: ignores SIGCHLD, which makes the kernel reap the orphans that an init inherits, then sleeps in a loop. As the init of
 * its namespace it gets no signal that it has not asked for but SIGKILL.
 */
export function pauseProgram(machine: string): Buffer {
  if (machine === 'x64') return elf(62, [...x64Code, ...ignoreAction])
  if (machine === 'arm64') return elf(183, [...arm64Code(), ...ignoreAction])
  throw new Error(`no pause program for ${machine}`)
}

/** struct kernel_sigaction: handler SIG_IGN, no flags, no restorer, empty mask. */
const ignoreAction = [1, ...new Array<number>(31).fill(0)]

const x64Code = [
  ...[0xb8, 13, 0, 0, 0], // mov eax, 13: rt_sigaction
  ...[0xbf, 17, 0, 0, 0], // mov edi, 17: SIGCHLD
  ...[0x48, 0x8d, 0x35, 0x13, 0, 0, 0], // lea rsi, [rip + 19]: the action behind the code
  ...[0x31, 0xd2], // xor edx, edx
  ...[0x41, 0xba, 8, 0, 0, 0], // mov r10d, 8
  ...[0x0f, 0x05], // syscall
  ...[0xb8, 34, 0, 0, 0], // mov eax, 34: pause
  ...[0x0f, 0x05], // syscall
  ...[0xeb, 0xf7], // jmp back to the mov of pause
]

/** Instructions of arm64, which has ppoll in place of pause. */
function arm64Code(): number[] {
  const set = (register: number, value: number) => (0xd2800000 | (value << 5) | register) >>> 0
  const call = 0xd4000001
  const code = [
    set(8, 134), // rt_sigaction
    set(0, 17), // SIGCHLD
    0x10000000 | (13 << 5) | 1, // adr x1, 13 instructions on: the action behind the code
    set(2, 0),
    set(3, 8),
    call,
    set(8, 73), // ppoll with nothing to wait for
    set(0, 0),
    set(1, 0),
    set(2, 0),
    set(3, 0),
    set(4, 0),
    call,
    0x17fffff9, // b, 7 instructions back
    0xd503201f, // nop
  ]
  const bytes = Buffer.alloc(code.length * 4)
  for (const [at, word] of code.entries()) bytes.writeUInt32LE(word >>> 0, at * 4)
  return [...bytes]
}

/** One loadable segment, readable and executable, entered at its first byte after the headers. */
function elf(machine: number, code: readonly number[]): Buffer {
  const headerBytes = 64 + 56
  const base = 0x400000n
  const size = BigInt(headerBytes + code.length)
  const file = Buffer.alloc(headerBytes)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0)
  file.writeUInt16LE(2, 16) // executable
  file.writeUInt16LE(machine, 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(base + BigInt(headerBytes), 24) // entry
  file.writeBigUInt64LE(64n, 32) // program headers
  file.writeUInt16LE(64, 52)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(1, 56)
  file.writeUInt32LE(1, 64) // PT_LOAD
  file.writeUInt32LE(5, 68) // read, execute
  file.writeBigUInt64LE(base, 80)
  file.writeBigUInt64LE(base, 88)
  file.writeBigUInt64LE(size, 96)
  file.writeBigUInt64LE(size, 104)
  file.writeBigUInt64LE(0x1000n, 112)
  return Buffer.concat([file, Buffer.from(code)])
}
