from sklearn.externals import joblib
from azureml.api.schema.dataTypes import DataTypes
from azureml.api.schema.sampleDefinition import SampleDefinition
from azureml.api.realtime.services import generate_schema
from azureml.logging import get_azureml_logger

logger = get_azureml_logger()


def init():
    global pipeline
    pipeline = joblib.load('models/reviews.joblib')


def run(text):
    logger.log('length', len(text))
    return {'label': pipeline.predict([text])[0]}


inputs = {'text': SampleDefinition(DataTypes.STANDARD, 'the book was great')} if __name__ == '__main__' else None
if __name__ == '__main__':
    generate_schema(run_func=run, inputs=inputs, filepath='service_schema.json')
