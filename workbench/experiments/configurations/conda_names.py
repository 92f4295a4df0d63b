"""Names that conda and PyPI do not share. Facts only."""

import re

# conda's name → the name on PyPI
RENAMED = {
    "dask-core": "dask",
    "faiss": "faiss-cpu",
    "matplotlib-base": "matplotlib",
    "msgpack-python": "msgpack",
    "opencv": "opencv-python-headless",
    "py-opencv": "opencv-python-headless",
    "py-xgboost": "xgboost",
    "pyarrow-core": "pyarrow",
    "pytables": "tables",
    "python-graphviz": "graphviz",
    "pytorch": "torch",
    "pytorch-cpu": "torch",
    "ruamel_yaml": "ruamel.yaml",
    "seaborn-base": "seaborn",
    "tensorflow-base": "tensorflow",
}

# Libraries that wheels carry inside, and conda's own parts.
LEFT_OUT = re.compile(
    r"_\w+|ld_impl_.*|conda|pip|nomkl|mkl|mkl[-_](service|fft|random)|blas|openblas|libblas|libcblas|liblapack"
    r"|libopenblas|intel-openmp|llvm-openmp|libgomp|libgcc.*|libstdcxx.*|libgfortran.*|libffi|libuuid|libnsl|libzlib"
    r"|libsqlite|libpng|libtiff|libjpeg-turbo|libxcb|libedit|zlib|zstd|lz4-c|xz|bzip2|openssl|ca-certificates|sqlite"
    r"|tk|readline|ncurses|icu|jpeg|libpq|freetype|numpy-base|python_abi|vc|vs20\d\d_runtime|vc14_runtime|ucrt"
)

# Programs and libraries that are no Python packages; some of these names belong to strangers on PyPI.
NATIVE = re.compile(
    r"r|r-.*|cudatoolkit.*|cuda|cuda-.*|cudnn|nccl|openjdk|nodejs|git|cmake|make|gcc.*|gxx.*|gfortran.*|compilers"
    r"|graphviz|ffmpeg|pandoc|texlive.*|mpich|openmpi|perl.*|ruby|go|rust|maven|gdal|libgdal|boost|libboost.*|bash"
)

# The retired service's own packages.
RETIRED = re.compile(r"azure-ml-api-sdk|azureml|azure-cli-ml")
