# This script trains a decision tree on the churn data
import pandas as pd
import numpy as np
import sys
from azureml.logging import get_azureml_logger
from sklearn.cross_validation import train_test_split
from sklearn.tree import DecisionTreeClassifier
from sklearn.metrics import accuracy_score

# initialize the logger
run_logger = get_azureml_logger()

print ('Python version: {}'.format(sys.version))
df = pd.read_csv('data/CATelcoCustomerChurnTrainingSample.csv')

columns = ['age', 'annualincome', 'calldroprate', 'monthlybilledamount']
train, test = train_test_split(df, test_size=0.3, random_state=98052)
dt = DecisionTreeClassifier(min_samples_split=20, random_state=99)
dt.fit(train[columns], train['churn'])
accuracy = accuracy_score(test['churn'], dt.predict(test[columns]))
print ("Accuracy is", accuracy)
run_logger.log("Accuracy", accuracy)

import pickle

print ("Export the model to model.pkl")
f = open('./model.pkl', 'wb')
pickle.dump(dt, f)
f.close()
