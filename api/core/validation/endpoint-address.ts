/** Which addresses can stand behind a service. */
import { type FieldError, invalid } from '#api/meta/field-error.ts'
import { parseIp } from '#api/validation/addresses.ts'

/** Neither unspecified, loopback, nor link-local: those mean another host to everyone who reads them. */
export function validateEndpointIP(field: string, text: string): FieldError[] {
  const ip = parseIp(text)
  if (!ip) return [invalid(field, text, 'must be a valid IP address')]
  const [first = 0, second = 0, third = 0] = ip.bytes
  const v4 = ip.family === 4
  const zerosButLast = ip.bytes.slice(0, -1).every((byte) => byte === 0)
  const last = ip.bytes.at(-1)
  const found: FieldError[] = []
  if (zerosButLast && last === 0) found.push(invalid(field, text, `may not be unspecified (${text})`))
  if (v4 ? first === 127 : zerosButLast && last === 1) {
    found.push(invalid(field, text, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'))
  }
  if (v4 ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80) {
    found.push(invalid(field, text, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'))
  }
  if (v4 ? first === 224 && second === 0 && third === 0 : first === 0xff && (second & 0x0f) === 0x02) {
    found.push(invalid(field, text, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'))
  }
  return found
}
