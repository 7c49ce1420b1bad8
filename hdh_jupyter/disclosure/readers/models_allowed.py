"""What a pickle of a data project may import: reconstruction functions and classes of known libraries, by name.

A class of a known library is let through by its shape (a capital, in a submodule that neither reads files, nor tests,
nor evaluates text); functions one by one. Everything else is taken for a program that somebody else would run.
"""

from __future__ import annotations

from collections.abc import Iterable

import re2

FUNCTIONS = frozenset(
    """
    _codecs.encode copyreg._reconstructor copyreg.__newobj__ copyreg.__newobj_ex__
    copy_reg._reconstructor array.array functools.partial types.SimpleNamespace
    collections.OrderedDict collections.defaultdict collections.Counter collections.deque
    builtins.object builtins.list builtins.dict builtins.tuple builtins.set builtins.frozenset builtins.int
    builtins.float builtins.str builtins.bytes builtins.bytearray builtins.bool builtins.complex builtins.slice
    builtins.range builtins.type builtins.len builtins.sum builtins.min builtins.max builtins.abs
    __builtin__.object __builtin__.list __builtin__.dict __builtin__.tuple __builtin__.set __builtin__.frozenset
    __builtin__.int __builtin__.float __builtin__.str __builtin__.unicode __builtin__.bytearray __builtin__.slice
    __builtin__.long __builtin__.complex __builtin__.bool
    datetime.datetime datetime.date datetime.time datetime.timedelta datetime.timezone
    decimal.Decimal fractions.Fraction uuid.UUID pathlib.PosixPath pathlib.PurePosixPath pathlib._local.PosixPath
    random.Random zoneinfo.ZoneInfo._unpickle zoneinfo._unpickle pytz._UTC pytz._p
    numpy.ndarray numpy.dtype numpy.ma.core.MaskedArray numpy.ma.core._mareconstruct
    numpy.exp numpy.log numpy.log1p numpy.expm1 numpy.sqrt numpy.log10 numpy.log2 numpy.abs numpy.mean numpy.median
    numpy.core._multiarray_umath._reconstruct numpy.core.numeric._frombuffer numpy._core.numeric._frombuffer
    numpy.core.multiarray._reconstruct numpy._core.multiarray._reconstruct
    numpy.core.multiarray.scalar numpy._core.multiarray.scalar numpy._core._internal._convert_to_stringdtype_kwargs
    numpy.random._pickle.__randomstate_ctor numpy.random._pickle.__generator_ctor
    numpy.random._pickle.__bit_generator_ctor numpy.random._mt19937.MT19937 numpy.random._pcg64.PCG64
    numpy.random.__RandomState_ctor numpy.random.bit_generator.__pyx_unpickle_SeedSequence
    joblib.numpy_pickle.NumpyArrayWrapper joblib.numpy_pickle.NDArrayWrapper
    pandas.DataFrame pandas.Series pandas.Index pandas.RangeIndex pandas.MultiIndex pandas.DatetimeIndex
    pandas.Timestamp pandas.Timedelta pandas.Period pandas.Categorical pandas.CategoricalDtype pandas.StringDtype
    pandas.CategoricalIndex pandas.IntervalIndex pandas.Interval pandas.PeriodIndex pandas.TimedeltaIndex
    pandas.core.indexes.base._new_Index pandas.core.indexes.base.Index
    pandas.core.indexes.datetimes._new_DatetimeIndex pandas.core.indexes.period._new_PeriodIndex
    pandas._libs.internals._unpickle_block pandas._libs.tslibs.timestamps._unpickle_timestamp
    pandas._libs.tslibs.timedeltas._timedelta_unpickle pandas._libs.tslibs.nattype._nat_unpickle
    pandas._libs.arrays.__pyx_unpickle_NDArrayBacked pandas._libs.missing._unpickle_NA
    pandas._libs.tslibs.offsets.__pyx_unpickle_BaseOffset pandas.core.internals.blocks.new_block
    pyarrow.lib._restore_array pyarrow.lib.type_for_alias pyarrow.lib.py_buffer pyarrow.lib.chunked_array
    pyarrow.lib.field pyarrow.lib.schema pyarrow.lib.dictionary pyarrow.lib.timestamp
    scipy.interpolate._interpolate.interp1d scipy.stats._distn_infrastructure.rv_frozen
    scipy.stats._distn_infrastructure.rv_continuous_frozen scipy.stats._kde.gaussian_kde
    scipy.special._ufuncs.expit
    sklearn.utils._set_output._wrap_method_output sklearn.preprocessing._function_transformer._identity
    sklearn.feature_selection._univariate_selection.f_classif sklearn.feature_selection._univariate_selection.chi2
    sklearn.feature_selection._univariate_selection.f_regression sklearn.metrics._scorer._passthrough_scorer
    sklearn.metrics._dist_metrics.newObj
    sklearn.utils.metadata_routing.MetadataRequest
    statsmodels.tools.decorators.ResettableCache
    lifelines.utils.concordance.concordance_index
    torch._utils._rebuild_tensor torch._utils._rebuild_tensor_v2 torch._utils._rebuild_tensor_v3
    torch._utils._rebuild_parameter torch._utils._rebuild_parameter_with_state torch._utils._rebuild_sparse_tensor
    torch._utils._rebuild_qtensor torch._tensor._rebuild_from_type_v2 torch.serialization._get_layout
    torch.Size torch.device torch.Tensor
    """.split()
)
"""Not `torch.storage._load_from_bytes`, which loads a further pickle."""

ROOTS = (
    "sklearn|numpy|pandas|scipy|statsmodels|lifelines|sksurv|imblearn|category_encoders|patsy|formulaic|xgboost|"
    "lightgbm|catboost|mord|pygam|linearmodels|torch|torchvision"
)
REFUSED = re2.compile(
    r"(?:^|\.)(?:io|tests?|testing|_testing|f2py|distutils|ctypeslib|computation|datasets?|externals|hub|jit|utils\._pytree"
    r"|multiprocessing|distributed|package|sas|_private|cpp_extension|data_utils|memmap|_npyio_impl|npyio|_datasource"
    r"|lib|weave|compat|eval|sandbox|pydantic_utils|_array_api|api_preview|callback|rpy)(?:\.|$)"
)
"""Parts of a path that read files, reach the network, or evaluate text."""
CLASS = re2.compile(rf"^(?:{ROOTS})(?:\.[a-z_][a-z0-9_]*)+\._?[A-Z][A-Za-z0-9_]*$")
REBUILT = re2.compile(
    r"^sklearn(?:\.[a-z_][a-z0-9_]*)+\.(?:newObj|__pyx_unpickle_[A-Za-z0-9_]+)$"
    r"|^scipy\.sparse(?:\._?[a-z]+)?\.(?:csr|csc|coo|lil|dok|bsr|dia)_(?:matrix|array)$"
    r"|^numpy\.(?:bool_?|u?int(?:8|16|32|64|c|p|_)?|float(?:16|32|64|_)?|complex(?:64|128)?|str_?|bytes_?|object_"
    r"|datetime64|timedelta64|dtypes\.[A-Z]\w+DType)$"
    r"|^pandas\.[A-Z][A-Za-z0-9]*(?:Dtype|Index|Array)$"
    r"|^torch\.(?:u?int(?:8|16|32|64)|float(?:16|32|64)?|double|half|bfloat16|bool|long|short|complex(?:64|128)|strided)$"
    r"|^torch\.(?:cuda\.)?(?:Double|Float|Half|BFloat16|Long|Int|Short|Char|Byte|Bool|Untyped)Storage$"
)


def unknown(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names that a pickle may not import, in their order."""
    return tuple(name for name in names if not _allowed(name))


def _allowed(name: str) -> bool:
    if name in FUNCTIONS or REBUILT.match(name):
        return True
    return CLASS.match(name) is not None and REFUSED.search(name.rpartition(".")[0]) is None
