import json
import pickle
import numpy as np
import pandas as pd


def init():
    global parts
    parts = pickle.load(open('credit.pkl', 'rb'))


def run(input_df):
    df = input_df.copy()
    for column in parts['encoders']:
        df[column] = parts['encoders'][column].transform(df[column])
    values = df[['age', 'job', 'income', 'housing', 'late']].as_matrix().astype(np.float)
    X = np.hstack([values[:, [0, 2, 4]], parts['hot'].transform(values[:, [1, 3]])])
    return json.dumps(parts['model'].predict_proba(X)[:, 1].tolist())
