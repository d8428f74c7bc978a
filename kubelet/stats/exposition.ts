/** Metrics as text in Prometheus's format, for what is measured anew at every question. Pure. */

export interface Sample {
  labels: Readonly<Record<string, string>>
  /** Undefined: not measured, and left out. */
  value: number | undefined
  /** Milliseconds since 1970. */
  at?: number
}

export interface Family {
  name: string
  type: 'counter' | 'gauge'
  help: string
  samples: readonly Sample[]
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** Families without samples are left out. */
export function render(families: readonly Family[]): string {
  const texts = families.map(({ name, type, help, samples }) => {
    const known = samples.filter(({ value }) => value !== undefined)
    if (known.length === 0) return ''
    const lines = known.map(({ labels, value, at }) => {
      const inner = Object.entries(labels)
        .map(([key, label]) => `${key}="${escaped(label)}"`)
        .join(',')
      return `${name}${inner === '' ? '' : `{${inner}}`} ${value}${at === undefined ? '' : ` ${at}`}\n`
    })
    return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
  })
  return texts.join('')
}
