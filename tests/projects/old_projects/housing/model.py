from sklearn.ensemble import GradientBoostingRegressor


def make():
    return GradientBoostingRegressor(loss='ls', n_estimators=30, presort=True, random_state=1)
