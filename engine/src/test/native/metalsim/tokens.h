// The words of a Metal source, and what the simulator must know of it that clang drops: attributes of parameters,
// threadgroup variables, function constants.
#pragma once
#include <map>
#include <string>
#include <vector>

struct Token {
    std::string text;
    size_t begin, end;
};

struct Parameter {
    int kind;
    int index;
};

struct Kernel {
    std::string name;
    std::vector<Parameter> parameters;
    bool hasThreadgroupVariables = false;
};

struct FunctionConstant {
    std::string name;
    int index;
};

struct Rewritten {
    std::string text;    // what clang compiles
    std::string errors;  // empty when the source is inside the subset
    std::vector<Kernel> kernels;
    std::vector<FunctionConstant> constants;
};

// The source is preprocessed but for the standard library.
Rewritten rewrite(const std::string& source);
