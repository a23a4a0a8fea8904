"""A MOCK fleet over real processes under faults: what script/fault-soak is made of."""
