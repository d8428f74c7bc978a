/**
 * Gives out a network's addresses on host-local's files: one for each address in use, that says which container and interface has it. The plug-in can
 * go on where we end, and we where it does.
 */
import { linkSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { rewriteSync } from '#component/rewrite.ts'
import { addressOf, candidates, numberOf, type Subnet } from './subnet.ts'

const lastReserved = 'last_reserved_ip.0'

export class Addresses {
  readonly #dir: string
  readonly #subnet: Subnet

  constructor(dir: string, subnet: Subnet) {
    this.#dir = dir
    this.#subnet = subnet
  }

  /** Throws in host-local's words when there is none left. At once: a pod's start waits for it, and small files take less than a thread. */
  reserve(id: string, interfaceName: string): string {
    mkdirSync(this.#dir, { recursive: true })
    // Written first and named after, for whoever is killed in between: an address whose owner nobody knows would never be free again.
    const written = path.join(this.#dir, `new-${id}`)
    writeFileSync(written, ownerText(id, interfaceName))
    try {
      for (const candidate of candidates(this.#subnet, this.#last())) {
        const address = addressOf(candidate)
        if (!isLinked(written, path.join(this.#dir, address))) continue
        rewriteSync(path.join(this.#dir, lastReserved), address)
        return address
      }
    } finally {
      unlinkSync(written)
    }
    const { gateway, last } = this.#subnet
    throw new Error(`failed to allocate for range 0: no IP addresses available in range set: ${addressOf(gateway)}-${addressOf(last)}`)
  }

  /** Of all that is the container's if its address is not known. Nothing there is no error. */
  release(id: string, interfaceName: string, address?: string): void {
    const names = address === undefined ? namesIn(this.#dir).filter((name) => name !== lastReserved && name !== 'lock') : [address]
    for (const name of names) if (this.isOf(id, interfaceName, name)) unlinkSync(path.join(this.#dir, name))
  }

  /** Of all that no such container has; also where it is not told who has one. */
  releaseOthers(ids: ReadonlySet<string>): void {
    for (const name of namesIn(this.#dir)) {
      if (numberOf(name) === undefined && !name.startsWith('new-')) continue
      const file = path.join(this.#dir, name)
      const [owner = ''] = (textOf(file) ?? '').split('\r\n')
      if (!ids.has(owner)) unlinkSync(file)
    }
  }

  isOf(id: string, interfaceName: string, address: string): boolean {
    return textOf(path.join(this.#dir, address))?.trim() === ownerText(id, interfaceName)
  }

  #last(): number | undefined {
    return numberOf(textOf(path.join(this.#dir, lastReserved)) ?? '')
  }
}

const ownerText = (id: string, interfaceName: string): string => `${id}\r\n${interfaceName}`

function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
