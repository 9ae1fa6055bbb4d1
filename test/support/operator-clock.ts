/**
 * Loaded before a program (`node --import`): its wall clock is ahead of the machine's by CLOCK_AHEAD_MS, as on a machine
 * without time synchronization, and runs CLOCK_RATE times as fast, so that one of its minutes takes seconds.
 */
const aheadMs = Number(process.env['CLOCK_AHEAD_MS'] ?? 0)
const rate = Number(process.env['CLOCK_RATE'] ?? 1)
const startedAt = Date.now()
const monotonic = performance.now.bind(performance)

const now = (date: DateConstructor): number => startedAt + (date.now() - startedAt) * rate + aheadMs

globalThis.Date = new Proxy(Date, {
  construct: (date, args, newTarget: new (...args: unknown[]) => object) =>
    Reflect.construct(date, args.length === 0 ? [now(date)] : args, newTarget),
  get: (date, property) => (property === 'now' ? () => now(date) : Reflect.get(date, property)),
})
performance.now = () => monotonic() * rate
for (const name of ['setTimeout', 'setInterval'] as const) {
  const handler: ProxyHandler<typeof setTimeout> = {
    apply: (timer, self, [callback, ms = 0, ...args]: unknown[]) =>
      Reflect.apply(timer, self, [callback, Number(ms) / rate, ...args]),
  }
  Reflect.set(globalThis, name, new Proxy(globalThis[name], handler))
}
