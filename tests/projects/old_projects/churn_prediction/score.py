# This script generates the scoring file, and schema, for the web service.
from azureml.api.schema.dataTypes import DataTypes
from azureml.api.schema.sampleDefinition import SampleDefinition
from azureml.api.realtime.services import generate_schema
import pandas as pd

def init():
    from sklearn.externals import joblib

    # load the model file
    global model
    model = joblib.load('./model.pkl')

def run(input_df):
    import json
    columns = ['age', 'annualincome', 'calldroprate', 'monthlybilledamount']
    pred = model.predict(input_df[columns])
    return json.dumps(str(pred[0]))

def main():
    df = pd.DataFrame(data=[[12, 168147, 0.06, 71]], columns=['age', 'annualincome', 'calldroprate', 'monthlybilledamount'])
    inputs = {"input_df": SampleDefinition(DataTypes.PANDAS, df)}
    generate_schema(run_func=run, inputs=inputs, filepath='service_schema.json')

if __name__ == "__main__":
    main()
