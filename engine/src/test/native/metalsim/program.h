// From Metal source text to a loaded library: lint, rewriting, clang, dlopen.
#pragma once
#include <string>

#include "executor.h"

// Null with a message in error when the text is outside Metal or outside the subset.
Program* compile(const std::string& source, std::string& error);
