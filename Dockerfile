# Two stages: packages are installed in the first, and only the result is carried into the second.
FROM python:3.13-slim AS packages
# `scale` has Dask besides.
ARG REQUIREMENTS=run
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /korak
COPY requirements/${REQUIREMENTS}.txt requirements.txt
RUN uv venv /korak/.venv && uv pip install --python /korak/.venv --no-cache --require-hashes -r requirements.txt

FROM python:3.13-slim
# Compiled loops are kept where a read-only container may write.
ENV PATH=/korak/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 NUMBA_CACHE_DIR=/tmp/numba
# For `manage.py backup` and `restore`.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /korak --shell /usr/sbin/nologin korak
WORKDIR /korak
COPY --from=packages /korak/.venv .venv
COPY manage.py .
COPY matching matching
COPY fixtures fixtures
COPY backend backend
# Needs no secret and no database: catalogues and static files are the same everywhere.
RUN mkdir var \
 && DEBUG=1 python manage.py catalogue --compile \
 && SECRET_KEY=only-while-building VAULT_KEYS=only-while-building-0123456789-0123456789__ python manage.py collectstatic --noinput -v 0 \
 && mkdir erasures && chown korak var erasures
USER korak
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8000/health/', headers={'Host': 'localhost'}), timeout=4)"]
CMD ["gunicorn", "--no-control-socket", "--workers", "2", "--threads", "4", "--bind", "0.0.0.0:8000", "backend.config.wsgi"]
