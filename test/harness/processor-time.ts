/** What this process has spent, for tests that something costs little: unlike the time on the wall it is the same on a busy machine. */

/** Milliseconds of processor time that the work took, with all that this process did beside it: a server that runs in it, for one. */
export async function processorMs(work: () => Promise<unknown>): Promise<number> {
  const began = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / 1000
}
