// JsonMembers: goes through the members of one object and tells where their values begin and end, without reading them. So a
// large profile is cut into its files, and the JSON library reads each by itself (profile_reader).
//
//   for (JsonMembers members(text); members.Next();) {
//     if (members.name() == "files") Use(members.Skip());
//   }
//
// The text ends in zeros (PaddedText): a zero is no character of JSON, so nothing looks behind it. Inside of values only
// brackets and strings are looked at.
// Errors:  ReadFailure, thrown where the object itself is malformed; inside of values it is the library that finds errors.
// Threads: a value; no synchronisation.
#pragma once

#include <string>
#include <string_view>

namespace scalene::profile {

struct ReadFailure {
  std::string why;              // "should be a number"
  std::string key;              // of the nearest field around it, "" if none
  const char* where = nullptr;  // in the input, if known
};

class JsonMembers {
 public:
  // Where an object opens, blanks before it aside.
  explicit JsonMembers(const char* object);

  // To the next member, past the value of the one before; false behind the last.
  bool Next();
  // Between the quotes, still escaped.
  std::string_view name() const { return name_; }
  // Where the value begins.
  const char* value() const { return value_; }
  // The value's text.
  std::string_view Skip();
  // The same for somebody who has found its end.
  void SkipTo(const char* end) { at_ = end, value_ = nullptr; }
  // Behind the closing bracket, once Next has said false.
  const char* end() const { return at_; }

 private:
  const char* at_;
  bool first_ = true;
  std::string_view name_;
  const char* value_ = nullptr;  // not skipped yet
};

}  // namespace scalene::profile
