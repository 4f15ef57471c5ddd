"""Scrapy settings: politeness, limits and wiring.  Facts of a site are in its source file."""

import os

from crawler import user_agent
from spiders.base import JITTER, scattered

BOT_NAME = "policytrail"
SPIDER_MODULES = ["spiders"]
SPIDER_LOADER_CLASS = "spiders.loader.SourceSpiderLoader"

# Facts of this machine; the commands pass their options over these.
POLICYTRAIL_ALLOW = os.environ.get("POLICYTRAIL_ALLOW", "").replace(",", " ").split()
POLICYTRAIL_SOURCES = os.environ.get("POLICYTRAIL_SOURCES")

# Who asks, and how to reach them.
USER_AGENT = user_agent(os.environ.get("POLICYTRAIL_CONTACT"))
ROBOTSTXT_USER_AGENT = "policytrail"

# One request at a time to a host, with a pause; a source file may say otherwise, robots.txt only slower.
DOWNLOAD_DELAY = scattered(1.0)
DOWNLOAD_DELAY_JITTER = JITTER
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_REQUESTS = 32
AUTOTHROTTLE_ENABLED = False

# What one answer may cost.
DOWNLOAD_TIMEOUT = 25
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = True
URLLENGTH_LIMIT = 2_000
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 20 * 1024 * 1024
DOWNLOAD_VERIFY_CERTIFICATES = True

# The run follows redirects, asks again and keeps to robots.txt itself, because each hop and each attempt is
# recorded; what Scrapy would do unseen is off.
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
RETRY_ENABLED = False
ROBOTSTXT_OBEY = False
COOKIES_ENABLED = False
HTTPCACHE_ENABLED = False
HTTPERROR_ALLOW_ALL = True
REFERRER_POLICY = "no-referrer"
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"

# No other door into the process, no other scheme than http and https.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
DOWNLOADER = "crawler.network.CountingDownloader"
DOWNLOAD_HANDLERS = {
    "http": "crawler.network.RecordedHandler",
    "https": "crawler.network.RecordedHandler",
    "file": None,
    "ftp": None,
    "s3": None,
    "data": None,
}
TWISTED_DNS_RESOLVER = "crawler.gate.GatedResolver"

# Scrapy imports whatever it knows before it asks whether that is on (a web server, a library of suffixes, two of
# character sets), and passes each answer through all of it. So these are its own lists without what is off here.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
}
DOWNLOADER_MIDDLEWARES = {
    "crawler.gate.GateMiddleware": 10,
    "crawler.robots.RobotsMiddleware": 100,
    "crawler.network.BoundedUnpacking": 590,
    "crawler.revisit.ConditionalMiddleware": 850,
}
SPIDER_MIDDLEWARES_BASE = {
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25,
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": 800,
}
ITEM_PIPELINES = {"crawler.pipeline.RecordPipeline": 100}
# Scrapy reads the source of each spider's callbacks for a mistake that ours do not make.
WARN_ON_GENERATOR_RETURN_VALUE = False
# A reply is one item; Scrapy makes so many tasks for each answer, however few items it gives.
CONCURRENT_ITEMS = 1
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.logstats.LogStats": 0,
}
EXTENSIONS = {"crawler.launch.RunExtension": 0}

LOG_LEVEL = "INFO"
LOG_FORMATTER = "crawler.launch.QuietFormatter"
STATS_DUMP = False
