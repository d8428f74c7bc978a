/** Rows of measurements as a Markdown table. Pure. */
export interface Row {
  what: string
  ours: string
  peer: string
  /** Ours ÷ peer; less is better. */
  ratio: number | undefined
}

export function markdown(title: string, rows: readonly Row[]): string {
  const lines = rows.map(
    ({ what, ours, peer, ratio }) => `| ${what} | ${ours} | ${peer} | ${ratio === undefined ? '' : ratio.toFixed(2)} |`,
  )
  return [`## ${title}`, '', '| measure | ours | peer, same run | ours ÷ peer |', '|---|---|---|---|', ...lines, ''].join('\n')
}
