import { MemoryStorage } from './memory.ts'
import { storageContract } from './storage-contract.ts'

storageContract('memory', { open: async () => new MemoryStorage(), expiryMs: 5000 })
