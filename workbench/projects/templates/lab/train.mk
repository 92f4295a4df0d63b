# How this project's model is made; it changes with the project.
DATA ?= data/churn.csv

data/churn.csv: | .venv/.ready
	$(BIN)/workbench data generate --out $@

train: .venv/.ready $(DATA) ## run train.py, recorded, and register the model that it gives
	@$(ENGINES) workbench experiment submit -c $(CONFIGURATION) train.py --data $(DATA)
	@$(ENGINES) workbench history promote last -ap outputs -n $(MODEL)

manifest: .venv/.ready ## what the image is made of, pinned in the stack's file
	@$(ENGINES) workbench manifest create -n $(SERVICE) -i $(MODEL) -f score.py --stack $(STACK)
