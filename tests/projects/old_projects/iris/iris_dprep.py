# Please make sure scikit-learn is included the conda_dependencies.yml file.
import pickle
import os

from sklearn.linear_model import LogisticRegression
from azureml.logging import get_azureml_logger
from azureml.dataprep.package import run

run_logger = get_azureml_logger()
os.makedirs('./outputs', exist_ok=True)

# load Iris dataset from a DataPrep package as a pandas DataFrame
iris = run('iris.dprep', dataflow_idx=0, spark=False)
clf = LogisticRegression().fit(iris[['sepal_length']].values, iris['species'].values)
pickle.dump(clf, open('./outputs/model.pkl', 'wb'))
