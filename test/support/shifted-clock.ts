/**
 * Loaded before a program (`node --import`): its wall clock is off by CLOCK_SHIFT_MS from the machine's, as on a machine
 * whose time nobody keeps. Intervals are as long as they are.
 */
const shiftMs = Number(process.env['CLOCK_SHIFT_MS'])

globalThis.Date = new Proxy(Date, {
  construct: (date, args, newTarget: new (...args: unknown[]) => object) =>
    Reflect.construct(date, args.length === 0 ? [date.now() + shiftMs] : args, newTarget),
  get: (date, property) => (property === 'now' ? () => date.now() + shiftMs : Reflect.get(date, property)),
})
