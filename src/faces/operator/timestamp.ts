/**
 * The instant a request was signed, in milliseconds since 1970 (fractions of one kept), or undefined if `text` is
 * not a date and time of RFC 3339 as Go prints and reads them: upper-case `T` and `Z`, a date that the calendar has,
 * no leap second, no hour 24. `Date.parse` is not used because it accepts `2025-02-30` and `12/30/2025`.
 */
export function parseTimestamp(text: string): number | undefined {
  const parts = RFC3339.exec(text)
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', sign, offsetHour, offsetMinute] = parts
  const inCalendar =
    Number(month) >= 1 &&
    Number(month) <= 12 &&
    Number(day) >= 1 &&
    Number(day) <= daysIn(Number(year), Number(month))
  const inDay = Number(hour) <= 23 && Number(minute) <= 59 && Number(second) <= 59
  const inOffset = sign === undefined || (Number(offsetHour) <= 23 && Number(offsetMinute) <= 59)
  if (!(inCalendar && inDay && inOffset)) return undefined

  // setUTCFullYear, because Date.UTC takes the years 0 to 99 for 1900 to 1999.
  const midnight = new Date(0).setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  const offsetMinutes =
    sign === undefined ? 0 : Number(`${sign}1`) * (Number(offsetHour) * 60 + Number(offsetMinute))
  const minutes = Number(hour) * 60 + Number(minute) - offsetMinutes
  return midnight + minutes * 60_000 + Number(second) * 1000 + Number(`0.${fraction}0`) * 1000
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
