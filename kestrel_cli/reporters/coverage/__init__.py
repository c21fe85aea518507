"""How much of flows was reached: for people, and in the formats of services, one module each."""
