// Reads a profile file into a Document: ours, those of the reference implementation old and new, also compressed. Keys it
// does not know are ignored, missing ones keep their default, `{}` is an empty profile. Text comes in as it was meant:
// source unescaped, path bytes that were no UTF-8 in File::path_bytes.
//
// Input is hostile until proven otherwise: any bytes give a Document or a Status, never a crash; what comes out is bounded
// by what went in. Values are taken as they stand; profile/document_check tells whether they make sense.
// Speed: about a second for 500 MB. Threads: any, one call each.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "profile/document.h"

namespace scalene::profile {

// The messages are complete sentences for the user, without "Scalene: ":
//   invalid JSON in profile file: LINE:COL: why   ·   error reading profile: why   ·   profile file 'F' not found.
Result<Document> ReadProfile(std::string_view json);

// From a file; "-" is stdin.
Result<Document> ReadProfileFile(const std::string& path);

}  // namespace scalene::profile
