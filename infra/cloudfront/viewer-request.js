// Decides which object of the bucket with the page answers a request, as infra/local/src/http.rs does locally.
//
// A place in the page, whose last part has no dot, is index.html, which finds its own way from there. Beside every file
// lies the same in Brotli (.br) and gzip (.gz), one of which is sent to whoever takes it. The address that comes out is the
// key of the cache, so one form never answers for another.
//
// CloudFront Functions, runtime 2.0, viewer request; for the page only, not for /api/*.

function handler(event) {
  var request = event.request;
  request.uri = fileOf(request.uri) + endingFor(request.headers['accept-encoding']);
  return request;
}

function fileOf(uri) {
  var last = uri.split('/').filter(Boolean).pop() || '';
  return last.indexOf('.') < 0 ? '/index.html' : uri;
}

function endingFor(header) {
  var taken = header ? header.value.toLowerCase().split(',').filter(isTaken).map(nameOf) : [];
  if (taken.indexOf('br') >= 0) {
    return '.br';
  }
  return taken.indexOf('gzip') >= 0 ? '.gz' : '';
}

function nameOf(coding) {
  return coding.split(';')[0].trim();
}

// A weight of zero says that the coding is not taken.
function isTaken(coding) {
  return !/;\s*q=0(\.0*)?\s*$/.test(coding);
}
