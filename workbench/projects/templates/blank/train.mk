# How this project's model is made: training.yaml says with what.
train: .venv/.ready ## run the training, recorded; register the model and pin its manifest in the stack's file
	@$(ENGINES) workbench train -c $(CONFIGURATION) $(if $(DATA),--data $(DATA)) --stack $(STACK)
