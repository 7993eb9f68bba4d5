"""A Messages API on localhost, for the demo, the tests and the benchmarks: the wire format is real, the model a script.

It checks each request as the API does, streams every kind of event, counts what is a cached prefix, and fails on order.
A script is a policy: a function of the conversation so far. What is shown with it is how our loop behaves, never what a
model can do. Nothing of the product imports it.
"""
