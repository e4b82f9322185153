/** Compiles the server and the pages into dist/. */
import './node.mjs'
import { buildPages, buildProgram } from './setup.mjs'

buildProgram()
buildPages()
