az ml service create realtime -f iris_score.py --model-file model.pkl -s service_schema.json -n irisapp -r python
