#!/usr/bin/env python
"""Demand of rental bikes, day by day."""
import time
from collections import Iterable

import numpy as np
import pandas as pd
from sklearn.cross_validation import KFold
from sklearn.ensemble import RandomForestRegressor
from sklearn.grid_search import GridSearchCV
from sklearn.metrics import mean_absolute_error
import pickle

start = time.clock()
df = pd.DataFrame.from_csv('data/rides.csv')
df = df.sort_index(0)
df['trend'] = pd.rolling_mean(df['rides'].shift(1), 7)
df = df.fillna(method='bfill')
monthly = df.resample('M', how='mean')
print(monthly.ix[0:2, 'rides'])
df.set_value(df.index[0], 'holiday', 1)

X = df[['temperature', 'holiday', 'trend']].as_matrix()
y = df['rides'].as_matrix()
errors = []
for train, test in KFold(len(X), n_folds=3, shuffle=True, random_state=np.int(1)):
    forest = RandomForestRegressor(n_estimators=10, criterion='mse', max_features='auto', random_state=0)
    forest.fit(X[train], y[train])
    errors.append(mean_absolute_error(y[test], forest.predict(X[test])))
print('error', np.asscalar(np.mean(errors)), isinstance(errors, Iterable))

search = GridSearchCV(forest, {'max_depth': [2, 4]}, iid=True, scoring='mean_absolute_error')
search.fit(X, y)
with open('outputs/bikes.sav', 'wb') as file:
    pickle.dump(search.best_estimator_, file, protocol=2)
print('%.1f s' % (time.clock() - start))
