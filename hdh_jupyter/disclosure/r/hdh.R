# Disclosure control from R: hdh_check(table), hdh_check("file.csv"), hdh_check(model), hdh_check(plot).
#
# Thin: an object is written to a temporary file of its kind, the same program as everywhere checks it, and its report is
# shown, in a notebook with colours. In a workspace the function is there by itself; elsewhere:
#   source(system2("python3", "-m hdh_jupyter.disclosure.objects --r-functions", stdout = TRUE))
# Nothing of an object stays on the disk after the call.

hdh_check <- function(..., language = NULL, python = Sys.getenv("HDH_PYTHON", "python3")) {
  things <- list(...)
  if (length(things) == 0) stop("hdh_check() needs a table, a figure, a model or the path of a file", call. = FALSE)
  said <- vapply(as.list(substitute(list(...)))[-1], function(e) paste(deparse(e), collapse = " "), "")
  given <- names(things)
  folder <- tempfile("hdh-check-")
  dir.create(folder, mode = "0700")
  on.exit(unlink(folder, recursive = TRUE))
  arguments <- vapply(seq_along(things), function(i) {
    thing <- things[[i]]
    if (is.character(thing) && length(thing) == 1) {
      if (!file.exists(thing)) stop("there is no file ", thing, call. = FALSE)
      path <- normalizePath(thing)
      name <- basename(path)
    } else {
      path <- .hdh_write(thing, file.path(folder, i))
      name <- if (nchar(said[[i]]) <= 40) said[[i]] else paste("object", i)
    }
    if (!is.null(given) && nzchar(given[[i]])) name <- given[[i]]
    paste0(name, "=", path)
  }, "")
  options <- c(if (!is.null(language)) paste0("--language=", language), folder, arguments)
  output <- suppressWarnings(system2(
    python, shQuote(c("-P", "-m", "hdh_jupyter.disclosure.objects", options)), stdout = TRUE, stderr = TRUE
  ))
  verdict <- file.path(folder, "verdict")
  if (!file.exists(verdict)) {
    stop("the check failed, which counts as blocked:\n", paste(utils::tail(output, 3), collapse = "\n"), call. = FALSE)
  }
  whole <- function(name) paste(readLines(file.path(folder, name), encoding = "UTF-8", warn = FALSE), collapse = "\n")
  structure(
    list(verdict = readLines(verdict, warn = FALSE), text = whole("report.txt"), html = whole("report.html")),
    class = "hdh_report"
  )
}

# Writes an object as the file that it would become, and returns its path.
.hdh_write <- function(thing, place) {
  csv <- function(frame) {
    path <- paste0(place, ".csv")
    rows <- !identical(attr(frame, "row.names"), seq_len(nrow(frame))) && is.character(attr(frame, "row.names"))
    if (rows) frame <- cbind(stats::setNames(data.frame(rownames(frame)), " "), frame)
    utils::write.csv(frame, path, row.names = FALSE, fileEncoding = "UTF-8", na = "")
    path
  }
  picture <- function(draw) {
    path <- paste0(place, ".png")
    grDevices::png(path, width = 1200, height = 900)
    tryCatch(draw(), finally = grDevices::dev.off())
    path
  }
  text <- function(lines) {
    path <- paste0(place, ".txt")
    writeLines(enc2utf8(lines), path, useBytes = TRUE)
    path
  }
  if (inherits(thing, c("gg", "ggplot", "trellis"))) return(picture(function() print(thing)))
  if (inherits(thing, "recordedplot")) return(picture(function() grDevices::replayPlot(thing)))
  # What leaves of a model is its summary; the object itself keeps its data, and may not.
  models <- c("lm", "glm", "coxph", "survfit", "survreg", "lmerMod", "glmerMod", "gam", "nls", "aov", "multinom", "polr")
  if (inherits(thing, models)) return(text(utils::capture.output(print(summary(thing)))))
  if (any(grepl("^summary\\.|^anova$|^htest$", class(thing)))) return(text(utils::capture.output(print(thing))))
  if (is.table(thing) || is.matrix(thing)) {
    if (length(dim(thing)) == 2) {
      frame <- as.data.frame.matrix(thing)
      first <- names(dimnames(thing))[1]
      if (!is.null(rownames(thing))) {
        label <- if (is.null(first) || !nzchar(first)) " " else first
        frame <- cbind(stats::setNames(data.frame(rownames(thing)), label), frame)
        attr(frame, "row.names") <- seq_len(nrow(frame))
      }
      return(csv(frame))
    }
    return(csv(as.data.frame(thing)))
  }
  if (inherits(thing, "ftable")) return(csv(as.data.frame(thing)))
  if (is.data.frame(thing)) return(csv(as.data.frame(thing)))
  if (is.atomic(thing) && length(thing) > 0) {
    frame <- data.frame(value = unname(thing))
    if (!is.null(names(thing))) frame <- cbind(name = names(thing), frame)
    return(csv(frame))
  }
  stop("hdh_check() takes tables, vectors, models, plots and paths, not ", class(thing)[1], call. = FALSE)
}

print.hdh_report <- function(x, ...) {
  cat(x$text, "\n", sep = "")
  invisible(x)
}

# How IRkernel shows a report; it asks the package repr.
repr_text.hdh_report <- function(obj, ...) obj$text
repr_html.hdh_report <- function(obj, ...) obj$html

if (requireNamespace("repr", quietly = TRUE)) {
  registerS3method("repr_text", "hdh_report", repr_text.hdh_report, envir = asNamespace("repr"))
  registerS3method("repr_html", "hdh_report", repr_html.hdh_report, envir = asNamespace("repr"))
}
registerS3method("print", "hdh_report", print.hdh_report)
