import numpy as np
import pandas as pd


def build(df, columns=None):
    df = df.copy()
    df['yard'].fillna('no', inplace=True)
    df['area'] = df['area'].astype(np.float)
    df['rooms'][df['rooms'] > 5] = 5
    df = pd.get_dummies(df, columns=['heating', 'yard'])
    if columns is not None:
        df = df.reindex(columns=columns, fill_value=0)
    return df
