# This script generates the scoring and schema files
# Creates the schema, and holds the init and run functions needed to
# operationalize the Iris Classification sample

# Import data collection library. Only supported for docker mode.
# Functionality will be ignored when package isn't found
from azureml.datacollector import ModelDataCollector
from azureml.api.schema.dataTypes import DataTypes
from azureml.api.schema.sampleDefinition import SampleDefinition
from azureml.api.realtime.services import generate_schema
import os
import numpy as np

# Prepare the web service definition by authoring
# init() and run() functions. Test the functions
# before deploying the web service.
def init():
    global inputs_dc, prediction_dc
    from sklearn.externals import joblib

    # load model from a pickle file
    global model
    model = joblib.load('model.pkl')
    inputs_dc = ModelDataCollector("model.pkl", identifier="inputs")
    prediction_dc = ModelDataCollector("model.pkl", identifier="prediction")

def run(input_df):
    import json

    # append 4 random features just like the training script does it.
    inputs_dc.collect(input_df)
    random_state = np.random.RandomState(0)
    n_samples, n_features = input_df.shape
    features = np.c_[input_df.as_matrix(), random_state.randn(n_samples, 4)]

    # make prediction
    pred = model.predict(features)
    prediction_dc.collect(pred)
    return json.dumps(str(pred[0]))

def main():
    import pandas as pd
    df = pd.DataFrame(data=[[3.0, 3.6, 1.3, 0.25]],
                      columns=['sepal_length', 'sepal_width', 'petal_length', 'petal_width'])

    # Test the functions' output
    init()
    print("Result: " + run(df))

    inputs = {"input_df": SampleDefinition(DataTypes.PANDAS, df)}
    # Generate the schema file (schema.json) needed for AML operationalization
    generate_schema(run_func=run, inputs=inputs, filepath='./outputs/service_schema.json')
    print("Schema generated")

if __name__ == "__main__":
    main()
