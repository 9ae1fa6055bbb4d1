/** The use of a volume in words that follow its name: `spaceText`. Pure. */
import { percentOf, type VolumeSpace } from '../../../volumes/space.ts'
import { dayOf } from './record.ts'

const GIB = 1024 ** 3

export function spaceText({ measure, amount, fullAt }: VolumeSpace): string {
  const figures =
    measure === 'bytes'
      ? `is ${Math.round(percentOf(amount))} % full (${gib(amount.used)} of ${gib(amount.total)} GiB)`
      : `has ${Math.round(percentOf(amount))} % of its inodes in use (${amount.used} of ${amount.total})`
  return fullAt === undefined ? figures : `${figures}; at today's pace it is full on ${dayOf(fullAt)}`
}

/** @returns such as `9.8` or `1000` */
export function gib(bytes: number): string {
  const value = bytes / GIB
  return value < 10 ? value.toFixed(1) : String(Math.round(value))
}
