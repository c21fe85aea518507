"""What decides which tasks run (io.kestra.plugin.core.flow).

The flowables, what starts other flows, and what they share: loop values, batches, calls.
"""
