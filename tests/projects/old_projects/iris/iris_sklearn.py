# Please make sure scikit-learn is included the conda_dependencies.yml file.

import pickle
import sys
import os

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.cross_validation import train_test_split

from azureml.logging import get_azureml_logger
from azureml.dataprep.package import run

# initialize the logger
run_logger = get_azureml_logger()

# create the outputs folder
os.makedirs('./outputs', exist_ok=True)

print('Python version: {}'.format(sys.version))

# load Iris dataset from a CSV file as a pandas DataFrame
# iris = run('iris.dprep', dataflow_idx=0, spark=False)
iris = pd.read_csv('iris.csv')
print('Iris dataset shape: {}'.format(iris.shape))

# load features and labels
X, Y = iris.ix[:, 0:4].as_matrix(), iris['species'].values

# tag this run
run_logger.log("Script Name", "iris_sklearn")

# add n more random features to make the problem harder to solve
n = 4
random_state = np.random.RandomState(0)
n_samples, n_features = X.shape
X = np.c_[X, random_state.randn(n_samples, n)]

X_train, X_test, Y_train, Y_test = train_test_split(X, Y, test_size=0.35, random_state=0)

# change regularization rate and you will likely get a different accuracy.
reg = 0.01
# load regularization rate from argument if present
if len(sys.argv) > 1:
    reg = np.float(sys.argv[1])

print("Regularization rate is {}".format(reg))
run_logger.log("Regularization Rate", reg)

# train a logistic regression model on the training set
clf1 = LogisticRegression(C=1 / reg, multi_class='ovr').fit(X_train, Y_train)
accuracy = clf1.score(X_test, Y_test)
print("Accuracy is {}".format(accuracy))
run_logger.log("Accuracy", accuracy)

print("Export the model to model.pkl")
f = open('./outputs/model.pkl', 'wb')
pickle.dump(clf1, f)
f.close()

# load the model back from the 'outputs' folder into memory
f2 = open('./outputs/model.pkl', 'rb')
clf2 = pickle.load(f2)
print(confusion_matrix(Y_test, clf2.predict(X_test)))
