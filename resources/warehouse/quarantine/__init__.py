"""What was set aside or remarked upon: what a load leaves, what answers it, what stands open."""
