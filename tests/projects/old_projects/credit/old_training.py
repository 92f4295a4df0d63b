import pandas as pd
df = pd.read_csv('data/credit.csv')
print 'rows', len(df)
model.fit(df)
