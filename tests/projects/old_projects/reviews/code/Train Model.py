# Exported from a notebook
%matplotlib inline
import pandas as pd
import matplotlib.pyplot as plt
from sklearn.externals import joblib
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier
from sklearn.pipeline import Pipeline
get_ipython().magic('matplotlib inline')

reviews = pd.read_table('data/reviews.tsv', '\t')
counts = pd.value_counts(reviews.label)
counts.plot(kind='bar')
plt.savefig('outputs/labels.png')
pipeline = Pipeline([('words', TfidfVectorizer()), ('sgd', SGDClassifier(loss='log', n_iter=20, random_state=0))])
pipeline.fit(reviews.text, reviews.label)
print(pipeline.named_steps['words'].get_feature_names()[:3])
joblib.dump(pipeline, 'models/reviews.joblib')
