// scalene: the words go to the dispatcher, its status to the caller.

#include "cli/dispatch.h"

int main(int argc, char** argv) { return scalene::cli::Dispatch({argv + (argc > 0 ? 1 : 0), argv + argc}); }
