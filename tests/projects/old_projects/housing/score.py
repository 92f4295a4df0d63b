import os
import pandas as pd
from sklearn.externals import joblib

import features

HERE = os.path.dirname(os.path.abspath(__file__))


def init():
    global regressor, columns
    regressor = joblib.load(os.path.join(os.path.dirname(__file__), 'house_model.pkl'))
    columns = joblib.load('.\\house_columns.pkl')


def run(houses):
    """Give a price for each house."""
    X = features.build(houses, columns)
    return [float(each) for each in regressor.predict(X)]


if __name__ == '__main__':
    from azureml.api.schema.dataTypes import DataTypes
    from azureml.api.schema.sampleDefinition import SampleDefinition
    from azureml.api.realtime.services import generate_schema
    sample = pd.DataFrame([[3, 80.5, 'gas', 'yes'], [2, 40.0, 'oil', None]], columns=['rooms', 'area', 'heating', 'yard'])
    init()
    print(run(sample))
    generate_schema(run, {'houses': SampleDefinition(DataTypes.PANDAS, sample)}, filepath='service_schema.json')
