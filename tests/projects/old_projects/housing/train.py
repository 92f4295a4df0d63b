# Preise von Häusern
import pandas as pd
from sklearn.externals import joblib
from sklearn import cross_validation

import features
import model
from azureml.logging import get_azureml_logger

logger = get_azureml_logger()
df = pd.read_csv('C:\\Users\\team\\Documents\\housing\\data\\houses.csv', ';')
more = df.ix[0:9]
df = df.append(more, ignore_index=True).drop('id', 1)
y = df.pop('price')
X = features.build(df)
regressor = model.make()
scores = cross_validation.cross_val_score(regressor, X, y, cv=3, scoring='mean_squared_error')
logger.log('mse', scores.mean())
regressor.fit(X, y)
joblib.dump(regressor, 'house_model.pkl')
joblib.dump(list(X.columns), 'house_columns.pkl')
