import json
import pickle
import numpy as np

MODEL = 'outputs/bikes.sav'


def init():
    global forest
    with open(MODEL, 'rb') as file:
        forest = pickle.load(file)


def run(days):
    days = np.array(days, dtype=np.float)
    return json.dumps([np.asscalar(each) for each in forest.predict(days)])


def main():
    from azureml.api.schema.dataTypes import DataTypes
    from azureml.api.schema.sampleDefinition import SampleDefinition
    from azureml.api.realtime.services import generate_schema
    days = np.array([[12.5, 0.0, 350.0], [3.0, 1.0, 200.0]])
    generate_schema(run_func=run, inputs={'days': SampleDefinition(DataTypes.NUMPY, days)}, filepath='service_schema.json')


if __name__ == '__main__':
    main()
