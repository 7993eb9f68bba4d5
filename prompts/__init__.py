"""What the model is told: one template a stage, in the order analyse, plan, implement, repair, review.

Data only, read through `bot.words`. `system.md` begins every conversation; `parts/` holds what several of them share.
Text from outside is shown through the filter `data` only, which fences it.
"""
