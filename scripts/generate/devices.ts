export function devicesPage(): string {
  return '# Devices\n'
}
