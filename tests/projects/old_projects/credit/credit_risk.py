import os
import pickle
import matplotlib
matplotlib.use('Agg')
import numpy as np
import pandas as pd
import seaborn as sns
from sklearn.cross_validation import StratifiedKFold
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import Imputer, LabelEncoder, OneHotEncoder

df = pd.read_csv(os.path.join('data', 'credit.csv'))
sns.countplot('job', data=df).figure.savefig('outputs/jobs.png')
df['income'] = df['income'].fillna(df.mean()['income'])
df.income[df.income > 8000] = 8000
encoders = {}
for column in df.columns:
    if df[column].dtype == object:
        encoders[column] = LabelEncoder().fit(df[column])
        df[column] = encoders[column].transform(df[column])
print(df.dtypes[df.dtypes == 'object'].index, df.corr()['default'])
target = df.default
df.drop('default', 1, inplace=True)
filled = Imputer(missing_values='NaN', strategy='median', axis=0).fit_transform(df)
hot = OneHotEncoder(sparse=False).fit(filled[:, [1, 3]].astype(np.int))
X = np.hstack([filled[:, [0, 2, 4]], hot.transform(filled[:, [1, 3]].astype(np.int))])
model = LogisticRegression(penalty='l1', C=10.0, class_weight='auto')
for train, test in StratifiedKFold(target, 4):
    model.fit(X[train], target.iloc[train])
    print('auc', roc_auc_score(target.iloc[test], model.predict_proba(X[test])[:, 1]))
for name, each in (('model', model), ('encoders', encoders), ('hot', hot)):
    pass
pickle.dump({'model': model, 'encoders': encoders, 'hot': hot}, open('outputs/credit.pkl', 'wb'))
