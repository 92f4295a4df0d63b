# How this project's model is made: training.yaml says with what.
DATA ?= data/churn.csv

data/churn.csv: | .venv/.ready
	$(BIN)/workbench data generate --out $@

train: .venv/.ready $(DATA) ## run the training, recorded; register the model and pin its manifest in the stack's file
	@$(ENGINES) workbench train -c $(CONFIGURATION) --data $(DATA) --stack $(STACK)
