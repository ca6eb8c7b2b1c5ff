"""What privacy itself keeps: rules, holds, the ledger of erasures, notices and consents."""
