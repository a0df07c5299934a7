"""The fraud guard: rules as data that warn, hold, hand to an agent or refuse (反诈法 Art. 18).

`rules` decides, `facts` gathers what it decides by, `judging` asks both about each order,
`held` is the life of an order under review, `keeping` that of a rule, `rehearsal` its dry run.
"""
