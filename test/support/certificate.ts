import { makeCertificate as make } from '../../src/simulator/certificate.ts'

export type { Certificate, CertificateWishes } from '../../src/simulator/certificate.ts'

export const makeCertificate = make
