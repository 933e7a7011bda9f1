#include "advise/aws_signature.h"

#include <algorithm>

#include "advise/sha256.h"

namespace scalene::advise {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

bool IsUnreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

// Of every service but S3 the path counts encoded once more: ':' is %3A in the address and %253A here.
std::string CanonicalPath(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    out += UriEncoded(path.substr(0, slash));
    if (slash < path.size()) out += '/';
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return out;
}

std::string SignedNames(const Headers& sorted) {
  std::string names;
  for (const auto& [name, value] : sorted) names += (names.empty() ? "" : ";") + name;
  return names;
}

std::string CanonicalRequest(const AwsRequest& request, const Headers& sorted) {
  std::string text = request.method + "\n" + CanonicalPath(request.path) + "\n\n";
  for (const auto& [name, value] : sorted) text += name + ":" + value + "\n";
  return text + "\n" + SignedNames(sorted) + "\n" + Hexadecimal(Sha256(request.payload));
}

std::string SigningKey(const AwsKey& key, std::string_view day, std::string_view service) {
  std::string signing = "AWS4" + key.secret;
  for (const std::string_view part : {day, std::string_view(key.region), service, std::string_view("aws4_request")})
    signing = BytesOf(HmacSha256(signing, part));
  return signing;
}

std::string TimeText(time_t now) {
  tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  return {text, strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc)};
}

}  // namespace

std::string UriEncoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out += c;
    } else {
      out += '%';
      out += "0123456789ABCDEF"[static_cast<uint8_t>(c) >> 4];
      out += "0123456789ABCDEF"[static_cast<uint8_t>(c) & 15];
    }
  }
  return out;
}

Headers AwsSignature(const AwsRequest& request, const AwsKey& key, std::string_view service, time_t now) {
  const std::string time = TimeText(now), day = time.substr(0, 8);
  Headers added = {{"x-amz-date", time}};
  if (!key.session.empty()) added.emplace_back("x-amz-security-token", key.session);
  Headers sorted = request.headers;
  sorted.emplace_back("host", request.host);
  sorted.insert(sorted.end(), added.begin(), added.end());
  std::sort(sorted.begin(), sorted.end());
  const std::string scope = day + "/" + key.region + "/" + std::string(service) + "/aws4_request";
  const std::string to_sign = std::string(kAlgorithm) + "\n" + time + "\n" + scope + "\n" +
                              Hexadecimal(Sha256(CanonicalRequest(request, sorted)));
  const std::string signature = Hexadecimal(HmacSha256(SigningKey(key, day, service), to_sign));
  added.emplace_back("authorization", std::string(kAlgorithm) + " Credential=" + key.id + "/" + scope +
                                          ", SignedHeaders=" + SignedNames(sorted) + ", Signature=" + signature);
  return added;
}

}  // namespace scalene::advise
